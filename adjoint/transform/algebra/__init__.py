"""The algebra of derivatives: shorter code by identities of real numbers."""
