"""The codec server: what Temporal keeps, decrypted for those who may see it."""
