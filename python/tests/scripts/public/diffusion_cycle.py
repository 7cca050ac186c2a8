"""A diffusion trainer: an endless cycle over the loader, EMA by deepcopy, milestones."""
import copy
import os

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(8)


def cycle(dl):
    while True:
        for data in dl:
            yield data


class EMA:
    def __init__(self, beta):
        self.beta = beta

    def update_model_average(self, ma_model, current_model):
        for current_params, ma_params in zip(current_model.parameters(), ma_model.parameters()):
            old_weight, up_weight = ma_params.data, current_params.data
            ma_params.data = old_weight * self.beta + (1 - self.beta) * up_weight


class Images(Dataset):
    def __init__(self):
        self.images = torch.randn(40, 1, 8, 8)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.images[index]


class Unet(nn.Module):
    def __init__(self, dim=8):
        super().__init__()
        self.time_mlp = nn.Sequential(nn.Linear(1, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.init_conv = nn.Conv2d(1, dim, 3, padding=1)
        self.mid = nn.Sequential(nn.GroupNorm(2, dim), nn.SiLU(), nn.Conv2d(dim, dim, 3, padding=1))
        self.final_conv = nn.Conv2d(dim, 1, 1)

    def forward(self, x, t):
        x = self.init_conv(x) + self.time_mlp(t[:, None])[:, :, None, None]
        return self.final_conv(x + self.mid(x))


class GaussianDiffusion(nn.Module):
    def __init__(self, denoise_fn, timesteps=20):
        super().__init__()
        self.denoise_fn = denoise_fn
        self.num_timesteps = timesteps
        betas = torch.linspace(0.0001, 0.02, timesteps)
        self.register_buffer("betas", betas)
        self.register_buffer("alphas_cumprod", torch.cumprod(1 - betas, 0))

    def forward(self, x):
        t = torch.randint(0, self.num_timesteps, (len(x),))
        noise = torch.randn_like(x)
        alpha = self.alphas_cumprod[t][:, None, None, None]
        noisy = alpha.sqrt() * x + (1 - alpha).sqrt() * noise
        return F.l1_loss(self.denoise_fn(noisy, t.float()), noise)


class Trainer(object):
    def __init__(self, diffusion_model, dataset, train_num_steps=15, gradient_accumulate_every=2):
        super().__init__()
        self.model = diffusion_model
        self.ema = EMA(0.9)
        self.ema_model = copy.deepcopy(self.model)
        self.train_num_steps = train_num_steps
        self.gradient_accumulate_every = gradient_accumulate_every
        self.dl = cycle(DataLoader(dataset, batch_size=4, shuffle=True, drop_last=True))
        self.opt = torch.optim.Adam(diffusion_model.parameters(), lr=1e-3)
        self.step = 0

    def train(self):
        save(self.model, 0)
        while self.step < self.train_num_steps:
            for i in range(self.gradient_accumulate_every):
                data = next(self.dl)
                loss = self.model(data)
                (loss / self.gradient_accumulate_every).backward()
            print(f'{self.step}: {loss.item()}')
            self.opt.step()
            self.opt.zero_grad()
            if self.step % 5 == 0:
                self.ema.update_model_average(self.ema_model, self.model)
            self.step += 1
            if self.step % 5 == 0:
                save(self.model, self.step // 5)
        print('training completed')


def save(model, epoch):
    if "PERMA_TRUTH" in os.environ:
        path = f"{os.environ['PERMA_TRUTH']}/GaussianDiffusion.{epoch}.pt"
        torch.save(model.state_dict(), path)


Trainer(GaussianDiffusion(Unet()), Images()).train()
