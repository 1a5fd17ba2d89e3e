// What completes while typing: slash commands at the start of the line, people after an @.

import { state } from '../base/state.js'

/** {from, items: [{insert, title, note}]} for the text before the cursor, or null. */
export function completions(text, cursor, inThread) {
  const before = text.slice(0, cursor)
  return commands(before, inThread) ?? people(before)
}

function commands(before, inThread) {
  if (!/^\/\S*$/.test(before) || inThread) return null
  const typed = before.toLowerCase()
  const items = state.app.commands
    .filter(({ command }) => command.startsWith(typed))
    .map(({ command, description, usage_hint: hint }) => ({
      insert: `${command} `,
      title: command,
      usage: hint,
      note: description,
    }))
  return items.length ? { from: 0, items } : null
}

function people(before) {
  const found = /(?:^|\s)@([\p{L}\p{N}._-]*)$/u.exec(before)
  if (!found) return null
  const typed = found[1].toLowerCase()
  const items = [...state.people.values()]
    .filter(({ id, name }) => id !== 'USLACKBOT' && name.toLowerCase().startsWith(typed))
    .map(({ name, is_bot: bot, title }) => ({ insert: `@${name} `, title: `@${name}`, note: bot ? 'App' : title }))
  return items.length ? { from: before.length - typed.length - 1, items } : null
}

/** The usage of the command that the text begins with; in a thread, where it works. */
export function usage(text, inThread) {
  const word = text.split(/\s/, 1)[0]
  const known = state.app.commands.find(({ command }) => command === word)
  if (known && inThread) return 'Slack has no commands in threads'
  return known && /\s/.test(text) ? `${known.command} ${known.usage_hint ?? ''}` : ''
}
