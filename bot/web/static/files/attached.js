// What goes with a message besides its words. A page whose guests may send files fills this in; elsewhere there is nothing.

export const attached = {
  /** So many are ready to be sent, and so many are still on their way. */
  ready: 0,
  arriving: 0,
  /** Why nothing is sent while some are. */
  wait: '',
  /** Those that are ready, to go with a message, each as { id, name, kind, width, height }. */
  take: () => [],
  /** The message was not taken: they stand beside the field again. */
  putBack() {},
  /** They went with a message, of another tab perhaps: none of them waits here any more. */
  gone() {},
}

export const names = files => files.map(each => each.name).join(', ')

/** Those that came with a message, under its words. */
export async function hang(words, files) {
  if (!files?.length) return
  const { show } = await import('./hanging.js')
  show(words, files)
}
