"""WhatsApp against a strict Twilio of our own."""
