"""A small causal Transformer with tied embeddings, AdamW with two groups, and OneCycleLR."""
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(42)
VOCAB, LENGTH, DIM = 40, 12, 16


class TextDataset(Dataset):
    def __init__(self, size):
        self.tokens = torch.randint(0, VOCAB, (size, LENGTH + 1))

    def __len__(self):
        return len(self.tokens)

    def __getitem__(self, index):
        return self.tokens[index, :-1], self.tokens[index, 1:]


class LanguageModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, DIM)
        self.position = nn.Parameter(torch.zeros(LENGTH, DIM))
        layer = nn.TransformerEncoderLayer(DIM, 2, 32, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.norm = nn.LayerNorm(DIM)
        self.lm_head = nn.Linear(DIM, VOCAB, bias=False)
        self.lm_head.weight = self.embed.weight
        self.register_buffer("mask", torch.triu(torch.full((LENGTH, LENGTH), -1e9), 1))

    def forward(self, tokens):
        x = self.embed(tokens) + self.position
        return self.lm_head(self.norm(self.encoder(x, mask=self.mask)))


model = LanguageModel()
loader = DataLoader(TextDataset(64), batch_size=16, shuffle=True, drop_last=True)
decay = [p for n, p in model.named_parameters() if p.dim() >= 2]
no_decay = [p for n, p in model.named_parameters() if p.dim() < 2]
optimizer = torch.optim.AdamW(
    [{"params": decay, "weight_decay": 0.1}, {"params": no_decay, "weight_decay": 0.0}], lr=1e-3
)
epochs = 3
scheduler = torch.optim.lr_scheduler.OneCycleLR(
    optimizer, max_lr=1e-2, epochs=epochs, steps_per_epoch=len(loader)
)


def checkpoint(epoch):
    if "PERMA_TRUTH" in os.environ:
        torch.save(model.state_dict(), f"{os.environ['PERMA_TRUTH']}/LanguageModel.{epoch}.pt")


checkpoint(0)
for epoch in range(1, epochs + 1):
    for tokens, targets in loader:
        logits = model(tokens)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
    print(f"epoch {epoch}: loss {loss.item():.8f} lr {scheduler.get_last_lr()}")
    checkpoint(epoch)
