def drawn(history):
    return "<svg/>"
