// What a person does on this page, sent to the workspace in their name; trouble is told in a passing remark.

import { state } from './state.js'
import { remark } from './remarks.js'
import { act } from './transport.js'

/** Do it; gives the answer, with `ok`. `quiet`: the caller tells the trouble. */
export async function perform(body, { quiet = false } = {}) {
  const answer = await act(state.me, body)
  if (!answer.ok && !quiet) remark(answer.error ?? 'That did not work.')
  return answer
}

export const say = (channel, thread, text) => perform({ do: 'say', channel, text, ...inThread(thread) })
export const command = (channel, thread, line) => perform({ do: 'command', channel, line, ...inThread(thread) })
export const stop = (message) => perform({ do: 'stop', channel: message.channel, ts: message.ts })
export const shortcut = (callback_id, message) =>
  perform({ do: 'shortcut', callback_id, ...(message && { channel: message.channel, ts: message.ts }) })

/** For the buttons and fields of a message, a modal or the home: sends the action with what is filled in. */
export const pressIn = (container, values) => (action) => perform({ do: 'press', container, ...action, values: values() })

const inThread = (thread) => (thread ? { thread_ts: thread } : {})
