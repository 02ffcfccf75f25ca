-- Wireshark dissector of the chatctl protocol: a 16-bit big-endian length, then JSON.
--
--   chatctl decode --wireshark-plugin > ~/.local/lib/wireshark/plugins/chatctl.lua
--
-- Port 3490 is chat; on any other port, streams that begin like a frame are recognised.
-- Filters: chatctl.type == "chat", chatctl.nick == "alice", chatctl.message contains "hi",
-- chatctl.malformed; and json.* for everything else.

local chat = Proto("chatctl", "chatctl")
local f = {
  length = ProtoField.uint16("chatctl.length", "Length", base.DEC),
  type = ProtoField.string("chatctl.type", "Type"),
  nick = ProtoField.string("chatctl.nick", "Nick"),
  message = ProtoField.string("chatctl.message", "Message"),
  room = ProtoField.string("chatctl.room", "Room"),
  id = ProtoField.string("chatctl.id", "Id"),
}
chat.fields = { f.length, f.type, f.nick, f.message, f.room, f.id }
local malformed = ProtoExpert.new("chatctl.malformed", "The payload is not a JSON object",
                                  expert.group.MALFORMED, expert.severity.ERROR)
chat.experts = { malformed }
local json = Dissector.get("json")

-- Of each connection, by its stream: its client's end, and its nicks with the frames they begin in.
local clients, nicks = {}, {}
function chat.init() clients, nicks = {}, {} end

local stream_of, comment_of = Field.new("tcp.stream"), Field.new("frame.comment")
local syn_of, ack_of = Field.new("tcp.flags.syn"), Field.new("tcp.flags.ack")

local function set(flag) return flag and flag.value end

-- Every packet comes by here, chat or not: who opened a connection is told by its SYN, or where it
-- goes on in another file by the comment of a recording of ours, which is its client's.
local watch = Proto("chatctl_ends", "chatctl: the ends of connections")
function watch.dissector(_, pinfo, _)
  local stream, comment = stream_of(), comment_of()
  if not stream or clients[stream.value] then return end
  local told = comment and tostring(comment.value):match('^{"conn":.*')
  if told or (set(syn_of()) and not set(ack_of())) then
    clients[stream.value] = { address = pinfo.src, port = pinfo.src_port }
    local nick = told and told:match('"nick":"([^"]*)"')
    nicks[stream.value] = nick and { { number = pinfo.number, nick = nick } } or nil
  elseif set(syn_of()) then
    clients[stream.value] = { address = pinfo.dst, port = pinfo.dst_port }
  end
end
register_postdissector(watch)

-- Whether the packet is on its way to the server.
local function is_up(pinfo, stream, kind)
  if not clients[stream] and kind == "hello" then
    clients[stream] = { address = pinfo.src, port = pinfo.src_port }
  end
  local client = clients[stream]
  if client then return client.port == pinfo.src_port and client.address == pinfo.src end
  if (pinfo.dst_port == 3490) ~= (pinfo.src_port == 3490) then return pinfo.dst_port == 3490 end
  return pinfo.dst_port <= pinfo.src_port
end

-- Who the client of a connection is in the frame of this number.
local function nick_at(stream, number)
  local nick
  for _, told in ipairs(nicks[stream] or {}) do
    if told.number <= number then nick = told.nick end
  end
  return nick
end

local function note_nick(pinfo, stream, up, said)
  local now, nick = nick_at(stream, pinfo.number), nil
  if (up and said.type == "hello") or (not up and said.type == "welcome") then nick = said.nick
  elseif not up and said.type == "nick" and said.nick == now then nick = said.to end
  if not nick or nick == now or pinfo.visited then return end
  nicks[stream] = nicks[stream] or {}
  table.insert(nicks[stream], { number = pinfo.number, nick = nick })
end

local function end_of_string(body, at)
  while true do
    at = body:find('["\\]', at)
    if not at or body:sub(at, at) == '"' then return at end
    at = at + 2
  end
end

-- The members of the object that are strings, as they are written, not those of objects within it;
-- nil where a bracket or a quote is open in the end.
local function members(body)
  local found, depth, name, at = {}, 0, nil, 0
  while true do
    at = body:find('[%[%]{}",]', at + 1)
    if not at then return depth == 0 and found or nil end
    local char = body:sub(at, at)
    if char == '"' then
      local stop = end_of_string(body, at + 1)
      if not stop then return nil end
      local text = body:sub(at + 1, stop - 1)
      if depth == 1 and name then found[name] = text
      elseif depth == 1 then name = text end
      at = stop
    elseif char == "," then
      if depth == 1 then name = nil end
    else
      depth = depth + ((char == "{" or char == "[") and 1 or -1)
    end
  end
end

-- Whether brackets enclose it and no value is missing; strings are left out of sight.
local function sound(body)
  if not body:match("^%s*{.*}%s*$") then return false end
  local bare = body:gsub("\\.", ""):gsub('"[^"]*"', "0")
  return not (bare:match("[:,]%s*[,}%]]") or bare:match("[{%[]%s*,"))
end

local function summary(kind, nick, message)
  local text = kind or "?"
  if nick then text = text .. " " .. nick end
  if message then text = text .. ": " .. message:sub(1, 80) end
  return text
end

local function show(pinfo, ends, text)
  local before = tostring(pinfo.cols.info)
  pinfo.cols.protocol = "CHATCTL"
  pinfo.cols.info = (before == "" and ends or before .. " |") .. " " .. text
end

local function frame(tvb, pinfo, tree)
  local size = tvb(0, 2):uint()
  local top = tree:add(chat, tvb(), "chatctl")
  top:add(f.length, tvb(0, 2))
  local body = size > 0 and tvb(2, size):raw() or ""
  local told = sound(body) and members(body)
  local said = told or {}
  local stream = stream_of() and stream_of().value or -1
  local up = is_up(pinfo, stream, said.type)
  note_nick(pinfo, stream, up, said)
  local who = nick_at(stream, pinfo.number) or "client"
  local ends = up and (who .. " → server") or ("server → " .. who)
  if not told then
    top:add_proto_expert_info(malformed)
    show(pinfo, ends, "malformed")
    return tvb:len()
  end
  for _, name in ipairs({ "type", "nick", "message", "room", "id" }) do
    if said[name] then top:add(f[name], tvb(2, size), said[name]) end
  end
  local text = summary(said.type, (not up or said.type == "hello") and said.nick or nil, said.message)
  top:append_text(", " .. text)
  local before = tostring(pinfo.cols.info)
  json:call(tvb(2, size):tvb(), pinfo, top)
  pinfo.cols.info = before
  show(pinfo, ends, text)
  return tvb:len()
end

local function frame_length(tvb, _, offset)
  return 2 + tvb(offset, 2):uint()
end

function chat.dissector(tvb, pinfo, tree)
  pinfo.cols.info = ""
  dissect_tcp_pdus(tvb, tree, 2, frame_length, frame)
  return tvb:len()
end

DissectorTable.get("tcp.port"):add(3490, chat)

chat:register_heuristic("tcp", function(tvb, pinfo, tree)
  if tvb:len() < 4 or tvb(0, 2):uint() < 2 or tvb(2, 1):uint() ~= 0x7b then return false end
  local char = tvb(3, 1):uint()
  if char ~= 0x22 and char ~= 0x7d and char ~= 0x20 then return false end
  chat.dissector(tvb, pinfo, tree)
  pinfo.conversation = chat
  return true
end)
