// Who answers: the AI assistant, or a person by their name. Always in sight, and told when it changes.

export class Who {
  constructor(line, form, words) {
    this.line = line
    this.form = form
    this.words = words
    this.state = line.dataset.state
    this.#draw()
  }

  get isPerson() {
    return this.state === 'host'
  }

  /** `state` is host, agent, asked or unanswered; what the line says of each came with the page. */
  change({ state, name }) {
    this.state = state
    this.line.dataset.state = state
    this.line.textContent = (this.words[state] ?? this.words.agent).replace('{name}', name)
    this.#draw()
  }

  #draw() {
    if (this.form) this.form.hidden = ['host', 'asked'].includes(this.state)
  }
}
