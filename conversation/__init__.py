"""The grammar of talk: messages, replies, questions."""
