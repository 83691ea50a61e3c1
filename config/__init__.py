"""Configuration: one TOML file, validated as a whole at start, and the connection to Temporal."""
