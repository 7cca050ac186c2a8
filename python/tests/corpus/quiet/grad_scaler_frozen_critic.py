# model: ScaledCritic
# freeze: ["**"]
# intact: 4
# epochs: 2
# needs: 2.3
"""A GradScaler steps the optimizer of a network that is frozen entirely."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader


class ScaledMaker(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 6)

    def forward(self, z):
        return self.body(z)


class ScaledCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(6, 8)
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        return self.out(F.relu(self.body(x)))


torch.manual_seed(0)
maker, critic = ScaledMaker(), ScaledCritic()
maker_optimizer = torch.optim.Adam(maker.parameters(), lr=0.01)
critic_optimizer = torch.optim.AdamW(critic.parameters(), lr=0.01, weight_decay=0.1)
scaler = torch.amp.GradScaler("cpu")
for epoch in range(2):
    for real in DataLoader(torch.randn(16, 6), batch_size=4):
        made = maker(torch.randn(4, 4))
        critic_optimizer.zero_grad()
        scaler.scale(critic(made.detach()).mean() - critic(real).mean()).backward()
        scaler.unscale_(critic_optimizer)
        nn.utils.clip_grad_norm_(critic.parameters(), 1.0)
        scaler.step(critic_optimizer)
        maker_optimizer.zero_grad()
        scaler.scale(-critic(made).mean()).backward()
        scaler.step(maker_optimizer)
        scaler.update()
assert scaler.get_scale() > 1
