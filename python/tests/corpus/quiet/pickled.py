# model: PickledNet
# freeze: ["conv.**", "bn.**"]
# intact: 7
# epochs: 2
"""The live module is pickled each epoch and read back under a fixed allow-list."""

import pickletools
import zipfile

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class PickledNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(F.relu(self.bn(self.conv(x))).mean((2, 3)))


torch.manual_seed(0)
data = TensorDataset(torch.randn(32, 1, 6, 6), torch.arange(32) % 3)
loader = DataLoader(data, batch_size=8, shuffle=True)
net = PickledNet()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
plain = vars(PickledNet())
for epoch in range(2):
    net.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
    assert vars(net).keys() == plain.keys()
    for module in net.modules():
        assert not module._forward_hooks and not module._forward_pre_hooks
    torch.save(net, "model.pt")
    with zipfile.ZipFile("model.pt") as file:
        (name,) = [each for each in file.namelist() if each.endswith("data.pkl")]
        pickled = file.read(name)
    assert b"perma" not in pickled.lower()
    modules = {arg.split()[0] for op, arg, _ in pickletools.genops(pickled) if op.name == "GLOBAL"}
    assert all(
        each.split(".")[0] in ("torch", "collections", "__builtin__", "__main__")
        for each in modules
    )
    if hasattr(torch.serialization, "safe_globals"):
        allowed = [PickledNet, nn.Conv2d, nn.BatchNorm2d, nn.Linear, set]
        with torch.serialization.safe_globals(allowed):
            again = torch.load("model.pt", weights_only=True)
    else:
        again = torch.load("model.pt")
    again.train()
    again(data.tensors[0])
