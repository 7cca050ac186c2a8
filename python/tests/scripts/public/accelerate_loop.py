import os

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(16, 32), nn.BatchNorm1d(32), nn.ReLU())
        self.head = nn.Linear(32, 3)

    def forward(self, x):
        return self.head(self.backbone(x))


def training_function(config):
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
    set_seed(config["seed"])
    x, y = torch.randn(160, 16), torch.randint(0, 3, (160,))
    train_dataloader = DataLoader(TensorDataset(x[:128], y[:128]), batch_size=16, shuffle=True)
    eval_dataloader = DataLoader(TensorDataset(x[128:], y[128:]), batch_size=16)
    model = Classifier()
    optimizer = torch.optim.AdamW(model.parameters(), lr=config["lr"])
    lr_scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, total_iters=12)
    model, optimizer, train_dataloader, eval_dataloader, lr_scheduler = accelerator.prepare(
        model, optimizer, train_dataloader, eval_dataloader, lr_scheduler
    )

    keep(accelerator, model, 0)
    for epoch in range(config["num_epochs"]):
        model.train()
        for inputs, targets in train_dataloader:
            with accelerator.accumulate(model):
                loss = nn.functional.cross_entropy(model(inputs), targets)
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                lr_scheduler.step()
                optimizer.zero_grad()

        model.eval()
        correct = 0
        for inputs, targets in eval_dataloader:
            with torch.no_grad():
                predictions = model(inputs).argmax(dim=-1)
            predictions, references = accelerator.gather_for_metrics((predictions, targets))
            correct += (predictions == references).sum().item()
        accelerator.print(f"epoch {epoch}: loss {loss.item():.9f} correct {correct}")
        keep(accelerator, model, epoch + 1)


def keep(accelerator, model, epoch):
    if "PERMA_TRUTH" in os.environ:
        state = accelerator.unwrap_model(model).state_dict()
        torch.save(state, f"{os.environ['PERMA_TRUTH']}/Classifier.{epoch}.pt")


if __name__ == "__main__":
    training_function({"lr": 1e-2, "num_epochs": 3, "seed": 42})
