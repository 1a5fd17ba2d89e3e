// Follows the newest words only while the reader is at the bottom.

export function follow(scroller, content, button) {
  let following = true
  let last = 0
  const distance = () => scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop
  const down = () => { scroller.scrollTop = scroller.scrollHeight }

  scroller.addEventListener('scroll', () => {
    if (distance() <= 1) following = true
    else if (scroller.scrollTop < last) following = false
    last = scroller.scrollTop
    button.hidden = following || distance() < 40
  }, { passive: true })
  const toBottom = () => {
    following = true
    button.hidden = true
    down()
  }
  button.addEventListener('click', toBottom)
  new ResizeObserver(() => {
    if (following) down()
    else button.hidden = distance() < 40
  }).observe(content)
  new ResizeObserver(() => following && down()).observe(scroller)
  down()
  return toBottom
}
