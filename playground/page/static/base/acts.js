// What a person does on this page, sent to the workspace in their name; trouble is told in a passing remark.

import { told, state } from './state.js'
import { remark } from './remarks.js'
import { act } from './transport.js'

/** Do it; gives the answer, with `ok`. `quiet`: the caller tells the trouble. */
export async function perform(body, { quiet = false } = {}) {
  const answer = await act(state.me, body)
  if (!answer.ok && !quiet) remark(answer.error ?? 'That did not work.')
  return answer
}

export const say = (channel, thread, text, files = []) =>
  perform({ do: 'say', channel, text, ...inThread(thread), ...(files.length && { files }) })
export const stop = (message) => perform({ do: 'stop', channel: message.channel, ts: message.ts })
export const shortcut = (callback_id, message) =>
  perform({ do: 'shortcut', callback_id, ...(message && { channel: message.channel, ts: message.ts }) })

/** For the buttons and fields of a message, a modal or the home: sends the action with what is filled in. */
export const pressIn = (container, values) => (action) =>
  perform({ do: 'press', container, ...action, values: values() })

/** A command; what went wrong usually stands in the channel already, as an ephemeral message. */
export async function command(channel, thread, line) {
  const answer = await perform({ do: 'command', channel, line, ...inThread(thread) }, { quiet: true })
  if (!answer.ok && (thread || !told(channel, answer.error))) remark(answer.error)
  return answer
}

const inThread = (thread) => (thread ? { thread_ts: thread } : {})
