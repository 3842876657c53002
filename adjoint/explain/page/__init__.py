"""The interactive page: one HTML file that walks through functions at any point.

`recording` makes the program that computes every number of the walkthrough, `model`
describes a function for the page, `assemble` puts the file together. The page itself is
`page.html`, `style.css` and the `.js` files beside them.
"""
