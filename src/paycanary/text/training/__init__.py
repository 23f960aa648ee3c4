"""Training of the reader: corpus, tokenizer, pre-training, fine-tuning, rivals, measures, export. Extra `text-training`."""
