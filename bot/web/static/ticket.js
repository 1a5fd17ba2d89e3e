// Says that connecting takes a moment, and keeps a second press from being sent.

const form = document.getElementById('ticket')
const button = form.querySelector('button')
const label = button.textContent

form.addEventListener('submit', () => {
  button.disabled = true
  button.textContent = button.dataset.busy
})

addEventListener('pageshow', () => {
  button.disabled = false
  button.textContent = label
})
