"""iCIMS: events in, authenticated, checked and answered in iCIMS's own forms."""
