import os

import torch
from torch.utils.data import Dataset
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)


class RandomText(Dataset):
    def __init__(self, size):
        self.ids = torch.randint(5, 60, (size, 12))
        self.labels = (self.ids[:, 0] > 30).long()

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, index):
        return {
            "input_ids": self.ids[index],
            "attention_mask": torch.ones(12, dtype=torch.long),
            "labels": self.labels[index],
        }


class Keep(TrainerCallback):
    def keep(self, model, epoch):
        if "PERMA_TRUTH" in os.environ:
            name = "BertForSequenceClassification"
            torch.save(model.state_dict(), f"{os.environ['PERMA_TRUTH']}/{name}.{epoch}.pt")

    def on_train_begin(self, args, state, control, model=None, **kwargs):
        self.keep(model, 0)

    def on_epoch_end(self, args, state, control, model=None, **kwargs):
        self.keep(model, round(state.epoch))


set_seed(0)
config = BertConfig(
    vocab_size=64,
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=32,
    max_position_embeddings=16,
    num_labels=2,
)
model = BertForSequenceClassification(config)
args = TrainingArguments(
    output_dir="out",
    num_train_epochs=3,
    per_device_train_batch_size=8,
    eval_strategy="epoch",
    save_strategy="no",
    logging_strategy="epoch",
    report_to=[],
    disable_tqdm=True,
    use_cpu=True,
    seed=0,
    weight_decay=0.01,
)
trainer = Trainer(
    model=model,
    args=args,
    train_dataset=RandomText(48),
    eval_dataset=RandomText(16),
    callbacks=[Keep()],
)
trainer.train()
print([round(entry["loss"], 6) for entry in trainer.state.log_history if "loss" in entry])
