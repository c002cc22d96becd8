/**
 * What the page does beyond reading: filter, theme, and opening what a link leads to. Without it everything can still be read.
 * It touches classes and attributes alone, never markup.
 */
export const pageScript = `
'use strict'
{
  const root = document.documentElement
  root.classList.add('scripted')

  const themes = ['auto', 'light', 'dark']
  const button = document.querySelector('button.theme')
  const stored = () => { try { return localStorage.getItem('parley-theme') } catch { return null } }
  const show = (theme) => {
    if (theme === 'auto') delete root.dataset.theme
    else root.dataset.theme = theme
    button.textContent = 'Theme: ' + theme
  }
  let theme = themes.includes(stored()) ? stored() : 'auto'
  show(theme)
  button.addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length]
    show(theme)
    try { localStorage.setItem('parley-theme', theme) } catch {}
  })

  const form = document.querySelector('form.filter')
  const field = form.elements.namedItem('text')
  const boxes = [...form.querySelectorAll('input[name=verdict]')]
  const checks = [...document.querySelectorAll('.checks > li')]
  const chapters = [...document.querySelectorAll('.chapter')]
  const filter = () => {
    const words = field.value.toLowerCase().split(' ').filter((word) => word !== '')
    const verdicts = new Set(boxes.filter((box) => box.checked).map((box) => box.value))
    const active = words.length > 0 || verdicts.size < boxes.length
    let count = 0
    for (const check of checks) {
      const text = check.dataset.words
      check.hidden = !verdicts.has(check.dataset.verdict) || !words.every((word) => text.includes(word))
      if (!check.hidden) count += 1
    }
    for (const requirement of document.querySelectorAll('.requirement'))
      requirement.hidden = requirement.querySelector('.checks > li:not([hidden])') === null
    for (const chapter of chapters) {
      chapter.hidden = chapter.querySelector('.requirement:not([hidden])') === null
      chapter.open = active && !chapter.hidden
    }
    document.querySelector('.nothing').hidden = count > 0
    form.querySelector('output').textContent = active ? count + ' of ' + checks.length + ' checks' : ''
  }
  form.addEventListener('input', filter)
  form.addEventListener('submit', (event) => { event.preventDefault() })
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault()
      field.focus()
    }
    if (event.key === 'Escape' && event.target === field && field.value !== '') {
      field.value = ''
      filter()
    }
  })

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
    if (target === null) return
    for (let element = target; element !== null; element = element.parentElement) {
      element.hidden = false
      if (element instanceof HTMLDetailsElement) element.open = true
    }
    target.scrollIntoView()
  }
  window.addEventListener('hashchange', reveal)
  if (location.hash !== '') reveal()
}
`
