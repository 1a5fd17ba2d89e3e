// Where the person is: kept in the address, so that reload, back and a second window work. #/person/channel/thread

/** {me, channel, thread, tab} of the address; tab is 'home' or null. */
export function place() {
  const [me, channel, rest] = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent)
  const tab = rest === 'home' ? 'home' : null
  return { me: me || null, channel: channel || null, thread: tab ? null : rest || null, tab }
}

/** Go somewhere; what is not named stays, but a new channel closes the thread. */
export function go(to, { replace = false } = {}) {
  const next = { ...place(), ...('channel' in to ? { thread: null, tab: null } : {}), ...to }
  const parts = [next.me, next.channel, next.tab ?? next.thread].filter(Boolean).map(encodeURIComponent)
  const address = `#/${parts.join('/')}`
  if (address === location.hash) return
  history[replace ? 'replaceState' : 'pushState'](null, '', address)
  dispatchEvent(new Event('place'))
}

/** Call when the place has changed. */
export function onPlace(tell) {
  addEventListener('place', tell)
  addEventListener('popstate', tell)
}
