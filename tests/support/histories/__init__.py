"""The corpus of recorded histories: one folder for each release, of every type of workflow.

`make histories RELEASE=next` records what this code writes; `RELEASE=0.2.0` records and seals a release's folder,
which is never written again: lifecycles that such a version began may still be open.
"""
