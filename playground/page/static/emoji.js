// The emoji names that apps write as :name:; an unknown one stays as it is written.

const NAMES = {
  white_check_mark: '✅', heavy_check_mark: '✔️', x: '❌', warning: '⚠️', hourglass: '⌛', hourglass_flowing_sand: '⏳',
  lock: '🔒', unlock: '🔓', key: '🔑', link: '🔗', wave: '👋', tada: '🎉', rocket: '🚀', sparkles: '✨', bulb: '💡',
  memo: '📝', clipboard: '📋', calendar: '📅', clock3: '🕒', timer_clock: '⏲️', stopwatch: '⏱️', alarm_clock: '⏰',
  gear: '⚙️', wrench: '🔧', hammer_and_wrench: '🛠️', electric_plug: '🔌', satellite: '🛰️', robot_face: '🤖',
  speech_balloon: '💬', mega: '📣', bell: '🔔', no_bell: '🔕', eyes: '👀', mag: '🔍', globe_with_meridians: '🌐',
  house: '🏠', door: '🚪', bust_in_silhouette: '👤', busts_in_silhouette: '👥', no_entry: '⛔', no_entry_sign: '🚫',
  octagonal_sign: '🛑', question: '❓', exclamation: '❗', information_source: 'ℹ️', '+1': '👍', thumbsup: '👍',
  '-1': '👎', thumbsdown: '👎', smile: '😄', slightly_smiling_face: '🙂', thinking_face: '🤔', arrow_right: '➡️',
  large_green_circle: '🟢', large_yellow_circle: '🟡', red_circle: '🔴', white_circle: '⚪', pencil2: '✏️', wastebasket: '🗑️',
  package: '📦', file_folder: '📁', page_facing_up: '📄', chart_with_upwards_trend: '📈', zap: '⚡', fire: '🔥', star: '⭐',
}

/** A text node with the emoji, or null when the name is not known. */
export function emoji(name) {
  return Object.hasOwn(NAMES, name) ? document.createTextNode(NAMES[name]) : null
}

/** Plain text with its :names: replaced. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => NAMES[name] ?? whole)
}
