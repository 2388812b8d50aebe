"""Graph document and data schema in, Keras model out; standard layers only."""
