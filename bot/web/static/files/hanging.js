// The files of a message, under its words: pictures to look at, all else to be saved.

export function show(words, files) {
  words.hidden = words.textContent === files.map(each => each.name).join(', ') // a picture says it by itself
  const list = document.createElement('ul')
  list.className = 'files'
  for (const file of files) list.appendChild(document.createElement('li')).appendChild(shown(file))
  words.after(list)
}

function shown({ id, name, kind, width, height }) {
  const link = document.createElement('a')
  link.href = `files/${id}`
  if (kind !== 'picture') {
    link.className = 'paper'
    link.download = name
    link.dir = 'auto'
    link.textContent = name
    return link
  }
  link.target = '_blank'
  link.rel = 'noopener'
  link.appendChild(picture(id, name, width, height))
  return link
}

export function picture(id, name, width, height) {
  const image = new Image(width, height)
  image.alt = name
  image.src = `files/${id}`
  return image
}
