"""Tanya Kaki: a chatbot that Indonesian patients ask about leg cramps, twitching and their neighbours."""
