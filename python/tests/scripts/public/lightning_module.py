import os

import lightning as L
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class LitAutoEncoder(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 16), nn.BatchNorm1d(16), nn.ReLU())
        self.decoder = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 64))
        self.save_hyperparameters()

    def training_step(self, batch, batch_idx):
        x, _ = batch
        loss = F.mse_loss(self.decoder(self.encoder(x)), x)
        self.log("train_loss", loss, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, _ = batch
        self.log("val_loss", F.mse_loss(self.decoder(self.encoder(x)), x))

    def configure_optimizers(self):
        optimizer = torch.optim.Adam(self.parameters(), lr=1e-3)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.9)
        return [optimizer], [scheduler]

    def on_fit_start(self):
        self.keep(0)

    def on_train_epoch_end(self):
        self.keep(self.current_epoch + 1)
        loss = self.trainer.callback_metrics["train_loss"].item()
        print(f"epoch {self.current_epoch}: {loss:.9f}")

    def keep(self, epoch):
        if "PERMA_TRUTH" in os.environ:
            path = f"{os.environ['PERMA_TRUTH']}/LitAutoEncoder.{epoch}.pt"
            torch.save(self.state_dict(), path)


if __name__ == "__main__":
    L.seed_everything(42)
    x = torch.randn(160, 64)
    train = DataLoader(TensorDataset(x[:128], x[:128]), batch_size=32, shuffle=True)
    val = DataLoader(TensorDataset(x[128:], x[128:]), batch_size=32)
    trainer = L.Trainer(
        max_epochs=3,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir="lightning",
    )
    trainer.fit(LitAutoEncoder(), train, val)
    print("best:", bool(trainer.checkpoint_callback.best_model_path))
