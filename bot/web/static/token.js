// One press copies the token.

const button = document.getElementById('copy')
const label = button.textContent

button.addEventListener('click', async () => {
  const shown = document.getElementById('token')
  try {
    await navigator.clipboard.writeText(shown.textContent)
    button.textContent = button.dataset.done
    setTimeout(() => { button.textContent = label }, 2000)
  } catch {
    getSelection().selectAllChildren(shown)
  }
})
