"""The console: pages for people who look after many jobs, and the few things that they do by hand."""
