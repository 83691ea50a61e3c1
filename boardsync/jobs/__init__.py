"""Jobs as an operator meets them: named, found, read, shown, acted on, waited for."""
