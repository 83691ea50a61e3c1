"""The configuration as people write it: checked, shown, described to editors, begun."""
