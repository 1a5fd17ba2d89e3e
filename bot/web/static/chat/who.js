// Who answers: the AI assistant, or a person by their name. Always in sight, and told when it changes.

export class Who {
  constructor(line, form) {
    this.line = line
    this.form = form
    this.state = line.dataset.state
    this.#draw()
  }

  get isPerson() {
    return this.state === 'host'
  }

  /** `state` is host, agent, asked or unanswered; `line` says so in words. */
  change({ state, line }) {
    this.state = state
    this.line.dataset.state = state
    this.line.textContent = line
    this.#draw()
  }

  #draw() {
    if (this.form) this.form.hidden = ['host', 'asked'].includes(this.state)
  }
}
