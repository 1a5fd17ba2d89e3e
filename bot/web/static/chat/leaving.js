// Every way of opening a link by pointer or keyboard asks first, naming the host it leads to.

export function guardLinks(root, ask) {
  const leave = event => {
    const found = event.target.closest?.('a[data-leads-to]')
    if (!found || (event.type === 'auxclick' && event.button !== 1)) return
    event.preventDefault()
    ask(found.getAttribute('data-leads-to'), found.getAttribute('href'))
  }
  root.addEventListener('click', leave)
  root.addEventListener('auxclick', leave)
}

export function askBeforeLeaving(root) {
  const dialog = document.getElementById('leaving')
  const go = document.getElementById('leaving-go')
  closable(dialog)
  go.addEventListener('click', () => dialog.close())
  guardLinks(root, (host, href) => {
    document.getElementById('leaving-host').textContent = host
    document.getElementById('leaving-address').textContent = href
    go.setAttribute('href', href)
    dialog.showModal()
  })
}

export function closable(dialog) {
  dialog.addEventListener('click', event => {
    if (event.target === dialog || event.target.closest('[data-close]')) dialog.close()
  })
}
