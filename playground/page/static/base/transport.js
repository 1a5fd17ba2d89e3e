// To and from the workspace: changes by server-sent events, acts by POST.

/** Which workspace this page shows: the second one has a path of its own. */
const team = /^\/(T\w+)\//.exec(location.pathname)?.[1] ?? ''

let source = null

/** Follow what `person` sees; an earlier following ends. `onLink` hears 'yes', 'no' (tried again) or 'refused'. */
export function follow(person, onChange, onLink) {
  source?.close()
  source = new EventSource(`/page/events?as=${encodeURIComponent(person)}&team=${team}`)
  source.onopen = () => onLink('yes')
  source.onerror = (event) => onLink(event.target.readyState === EventSource.CLOSED ? 'refused' : 'no')
  source.onmessage = (event) => onChange(JSON.parse(event.data))
}

/** Ask for one act in the person's name; gives {ok, …} and never throws. */
export async function act(person, body) {
  try {
    const answer = await fetch(`/page/act?team=${team}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ as: person, ...body }),
    })
    return await answer.json()
  } catch {
    return { ok: false, error: 'The local workspace does not answer. Is it still running?' }
  }
}

/** Whether the page would open now. Where nobody answers it may yet: that is no no. */
export async function signedIn() {
  try {
    return (await fetch('/', { method: 'HEAD' })).status !== 403
  } catch {
    return true
  }
}
