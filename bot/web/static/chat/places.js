// Which tabs may hold a connection open: over HTTP/1.1 a browser has six for one host, and with all of them held a
// further tab could neither load nor send.

const PLACES = 3 // No more than the server keeps open for one guest, so that tabs do not push each other out.

/** This tab's place among all tabs of the browser, taken and given back any number of times. */
export class Place {
  async take() {
    if (this.back || !navigator.locks) return true
    for (let number = 0; number < PLACES && !this.back; number++) {
      this.back = await new Promise(taken => {
        navigator.locks.request(`place ${number}`, { ifAvailable: true }, lock =>
          lock ? new Promise(back => taken(back)) : taken(null))
      })
    }
    return Boolean(this.back)
  }

  give() {
    this.back?.()
    this.back = null
  }
}
