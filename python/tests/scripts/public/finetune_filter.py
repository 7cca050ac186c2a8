"""Feature extraction: the script freezes by hand and hands the optimizer a filter."""
import os

import torch
import torchvision
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(2)


def set_parameter_requires_grad(model, feature_extracting):
    if feature_extracting:
        for name, param in model.named_parameters():
            param.requires_grad = not name.startswith("features.")


model_ft = torchvision.models.squeezenet1_1(num_classes=1000)
set_parameter_requires_grad(model_ft, True)
model_ft.classifier[1] = nn.Conv2d(512, 3, kernel_size=(1, 1))
model_ft.num_classes = 3
params_to_update = []
print("Params to learn:")
for name, param in model_ft.named_parameters():
    if param.requires_grad:
        params_to_update.append(param)
        print("\t", name)
optimizer_ft = optim.SGD(
    filter(lambda p: p.requires_grad, model_ft.parameters()), lr=0.01, momentum=0.9
)
loader = DataLoader(
    TensorDataset(torch.randn(24, 3, 48, 48), torch.randint(0, 3, (24,))), 8, shuffle=True
)


def save(epoch):
    if "PERMA_TRUTH" in os.environ:
        torch.save(model_ft.state_dict(), f"{os.environ['PERMA_TRUTH']}/SqueezeNet.{epoch}.pt")


save(0)
for epoch in range(2):
    model_ft.train()
    for inputs, labels in loader:
        optimizer_ft.zero_grad()
        loss = nn.functional.cross_entropy(model_ft(inputs), labels)
        loss.backward()
        optimizer_ft.step()
    print(f"epoch {epoch}: {loss.item():.9f}")
    save(epoch + 1)
