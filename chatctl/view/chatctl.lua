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

-- The nick that a connection's packets say it has, by client port and stream.
local nicks = {}

local function member(body, name)
  local place = body:find('"' .. name .. '"%s*:%s*"')
  if not place then return nil end
  local start = select(2, body:find('"' .. name .. '"%s*:%s*"', place)) + 1
  local at = start
  while at <= #body do
    local char = body:sub(at, at)
    if char == "\\" then at = at + 1
    elseif char == '"' then return body:sub(start, at - 1) end
    at = at + 1
  end
  return nil
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

local function frame(tvb, pinfo, tree)
  local size = tvb(0, 2):uint()
  local top = tree:add(chat, tvb(), "chatctl")
  top:add(f.length, tvb(0, 2))
  local body = size > 0 and tvb(2, size):raw() or ""
  if not sound(body) then
    top:add_proto_expert_info(malformed)
    pinfo.cols.info:append(" malformed")
    return tvb:len()
  end
  local said = {}
  for _, name in ipairs({ "type", "nick", "message", "room", "id" }) do
    said[name] = member(body, name)
    if said[name] then top:add(f[name], tvb(2, size), said[name]) end
  end
  local up = pinfo.dst_port == 3490 or pinfo.dst_port < pinfo.src_port
  local client = tostring(up and pinfo.src or pinfo.dst) .. ":" .. (up and pinfo.src_port or pinfo.dst_port)
  if said.type == "hello" and up then nicks[client] = said.nick end
  local who = nicks[client] or "client"
  local ends = up and (who .. " → server") or ("server → " .. who)
  local before = tostring(pinfo.cols.info)
  local text = summary(said.type, (not up or said.type == "hello") and said.nick or nil, said.message)
  top:append_text(", " .. text)
  pinfo.cols.protocol = "CHATCTL"
  json:call(tvb(2, size):tvb(), pinfo, top)
  if before == "" then before = ends else before = before .. " |" end
  pinfo.cols.info = before .. " " .. text
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
