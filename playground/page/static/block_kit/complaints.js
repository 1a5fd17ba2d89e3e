// What Slack's own client finds wrong with a form before it is sent.

import { counted } from '../text/texts.js'

/** {block_id: sentence} for the inputs that are empty or too short. */
export function complaints(blocks, values) {
  const found = {}
  for (const block of blocks) {
    if (block.type !== 'input') continue
    const value = values[block.block_id]?.[block.element.action_id]
    const sentence = complaint(block, value)
    if (sentence) found[block.block_id] = sentence
  }
  return found
}

function complaint(block, value) {
  const { element } = block
  const empty = value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length)
  if (empty) return block.optional ? null : 'Please complete this required field.'
  if (element.min_length && value.length < element.min_length)
    return `Please write at least ${counted(element.min_length, 'character')}.`
  if (element.type === 'url_text_input' && !URL.canParse(value)) return 'Please enter a valid URL.'
  if (element.type === 'email_text_input' && !/^\S+@\S+$/.test(value)) return 'Please enter a valid email address.'
  if (element.type === 'number_input') return numberComplaint(element, value)
  return null
}

function numberComplaint(element, value) {
  const number = Number(value)
  if (Number.isNaN(number) || (!element.is_decimal_allowed && !Number.isInteger(number)))
    return 'Please enter a whole number.'
  if (element.min_value !== undefined && number < Number(element.min_value))
    return `Please enter ${element.min_value} or more.`
  if (element.max_value !== undefined && number > Number(element.max_value))
    return `Please enter ${element.max_value} or less.`
  return null
}
