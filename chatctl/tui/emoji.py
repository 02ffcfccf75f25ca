"""Emoji by the short names that people know from elsewhere, for completion: ``:tada:`` is 🎉.

A table of our own: those most used, one code point each, so that every terminal draws them in two
cells. The character database of Python calls them otherwise (PARTY POPPER).
"""

_TABLE = """
+1 👍  -1 👎  100 💯  alarm 🚨  angry 😠  anger 💢  apple 🍎  art 🎨  aww 🥺  balloon 🎈
bang 💥  beer 🍺  beers 🍻  bell 🔔  bike 🚲  blush 😊  bomb 💣  book 📖  books 📚  boom 💥
bow 🙇  box 📦  brain 🧠  broken_heart 💔  bug 🐛  bulb 💡  bus 🚌  cake 🍰  calendar 📅
camera 📷  car 🚗  cat 🐱  chart 📈  check ✅  cheese 🧀  cherries 🍒  clap 👏  clipboard 📋
clock 🕐  coffee ☕  cold 🥶  computer 💻  confused 😕  construction 🚧  cookie 🍪  cool 😎
crab 🦀  cross ❌  cry 😢  crying 😭  dance 💃  dizzy 💫  dog 🐶  door 🚪  down 👇  duck 🦆
earth 🌍  egg 🥚  eyes 👀  facepalm 🤦  fire 🔥  fish 🐟  flushed 😳  fox 🦊  frown 🙁  game 🎮
gem 💎  ghost 👻  gift 🎁  grin 😁  grapes 🍇  guitar 🎸  hammer 🔨  handshake 🤝  heart 💜
heart_eyes 😍  hearts 💕  herb 🌿  hot 🥵  hourglass ⌛  house 🏠  hug 🤗  hundred 💯  ice 🧊
inbox 📥  innocent 😇  joy 😂  key 🔑  kiss 😘  laptop 💻  laugh 😆  leaf 🍃  left 👈  link 🔗
lock 🔒  loud 🔊  love 💗  magnifier 🔍  mail 📧  medal 🏅  memo 📝  mind_blown 🤯  money 💰
moon 🌙  muscle 💪  mushroom 🍄  music 🎵  nerd 🤓  neutral 😐  no_entry ⛔  ok 👌
open_hands 👐  outbox 📤  owl 🦉  package 📦  palm 🌴  panda 🐼  party 🥳  penguin 🐧  phone 📱
pig 🐷  pin 📌  pizza 🍕  plug 🔌  point_down 👇  point_left 👈  point_right 👉  point_up 👆
poop 💩  popcorn 🍿  pray 🙏  question ❓  rabbit 🐰  rage 😡  rainbow 🌈  raised_hand ✋
rice 🍚  right 👉  robot 🤖  rocket 🚀  rofl 🤣  rose 🌹  sad 😢  salad 🥗  salute 🫡  scream 😱
seedling 🌱  shark 🦈  ship 🚢  shipit 🚢  shrug 🤷  sick 🤒  skull 💀  sleep 😴  sleeping 😴
smile 😄  smiley 😃  smirk 😏  snail 🐌  snake 🐍  sob 😭  sparkles ✨  star ⭐  stop 🛑  sun 🌞
sunglasses 😎  sushi 🍣  sweat 😓  sweat_smile 😅  tada 🎉  target 🎯  taxi 🚕  tea 🍵
telephone 📞  tent ⛺  test_tube 🧪  thinking 🤔  thumbsdown 👎  thumbsup 👍  tiger 🐯
tomato 🍅  tongue 😛  tools 🧰  train 🚆  tree 🌳  trophy 🏆  truck 🚚  turtle 🐢  umbrella ☔
unicorn 🦄  unlock 🔓  up 👆  upside_down 🙃  warning 🚸  watch ⌚  wave 👋  whale 🐳  wine 🍷
wink 😉  wolf 🐺  worried 😟  wow 😮  wrench 🔧  x ❌  yum 😋  zap ⚡  zipper 🤐  zzz 💤
"""
_WORDS = _TABLE.split()
NAMES = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
"""Short name, without colons, to emoji."""


def beginning(begun: str) -> list[tuple[str, str]]:
    """Return (name, emoji) of each name that begins with *begun*, the shortest name first."""
    found = [(name, sign) for name, sign in NAMES.items() if name.startswith(begun.lower())]
    return sorted(found, key=lambda pair: (len(pair[0]), pair[0]))
