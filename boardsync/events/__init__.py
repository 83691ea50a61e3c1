"""Sample events, signed and sent as the senders do: the command `send`."""
