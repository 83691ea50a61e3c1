"""The environment variable that names the configuration, apart from what reads it, which takes long to import."""

CONFIG_VARIABLE = "BOARDSYNC_CONFIG"
