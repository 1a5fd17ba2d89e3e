// A chat is taken over from another device: the picture that was scanned has brought the code behind the #.

const code = location.hash.slice(1)
if (code) {
  document.getElementById('code').value = code
  history.replaceState(null, '', location.pathname) // it is good once: nothing of it stays in the history
}
