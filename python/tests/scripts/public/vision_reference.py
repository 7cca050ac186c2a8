"""torchvision's references/classification, cut to one process: EMA every few steps, warm-up."""
import os
import time
from collections import defaultdict, deque

import torch
import torch.utils.data
import torchvision
from torch import nn


class SmoothedValue:
    def __init__(self, window_size=20, fmt="{median:.4f} ({global_avg:.4f})"):
        self.deque = deque(maxlen=window_size)
        self.total = 0.0
        self.count = 0
        self.fmt = fmt

    def update(self, value, n=1):
        self.deque.append(value)
        self.count += n
        self.total += value * n

    @property
    def global_avg(self):
        return self.total / self.count

    @property
    def median(self):
        return torch.tensor(list(self.deque)).median().item()

    def __str__(self):
        return self.fmt.format(median=self.median, global_avg=self.global_avg)


class MetricLogger:
    def __init__(self, delimiter="\t"):
        self.meters = defaultdict(SmoothedValue)
        self.delimiter = delimiter

    def update(self, **kwargs):
        for k, v in kwargs.items():
            self.meters[k].update(v.item() if isinstance(v, torch.Tensor) else v)

    def __str__(self):
        return self.delimiter.join(f"{name}: {meter}" for name, meter in self.meters.items())

    def log_every(self, iterable, print_freq, header):
        start_time = time.time()
        for i, obj in enumerate(iterable):
            yield obj
            if i % print_freq == 0:
                print(self.delimiter.join([header, f"[{i}/{len(iterable)}]", str(self)]))
        print(f"{header} Total time: {time.time() - start_time:.3f}")


class ExponentialMovingAverage(torch.optim.swa_utils.AveragedModel):
    def __init__(self, model, decay, device="cpu"):
        def ema_avg(avg_model_param, model_param, num_averaged):
            return decay * avg_model_param + (1 - decay) * model_param

        super().__init__(model, device, ema_avg, use_buffers=True)


def train_one_epoch(model, criterion, optimizer, data_loader, device, epoch, model_ema):
    model.train()
    metric_logger = MetricLogger(delimiter="  ")
    header = f"Epoch: [{epoch}]"
    for i, (image, target) in enumerate(metric_logger.log_every(data_loader, 2, header)):
        image, target = image.to(device), target.to(device)
        output = model(image)
        loss = criterion(output, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if model_ema and i % 2 == 0:
            model_ema.update_parameters(model)
            if epoch < 1:
                # Reset ema buffer to keep copying weights during warmup period
                model_ema.n_averaged.fill_(0)
        metric_logger.update(loss=loss.item(), lr=optimizer.param_groups[0]["lr"])


def evaluate(model, criterion, data_loader, device, log_suffix=""):
    model.eval()
    metric_logger = MetricLogger(delimiter="  ")
    header = f"Test: {log_suffix}"
    with torch.inference_mode():
        for image, target in metric_logger.log_every(data_loader, 2, header):
            output = model(image.to(device))
            metric_logger.update(loss=criterion(output, target.to(device)).item())
    print(f"{header} {metric_logger}")


def main():
    torch.manual_seed(11)
    device = torch.device("cpu")
    x, y = torch.randn(40, 3, 32, 32), torch.randint(0, 5, (40,))
    dataset = torch.utils.data.TensorDataset(x[:24], y[:24])
    dataset_test = torch.utils.data.TensorDataset(x[24:], y[24:])
    data_loader = torch.utils.data.DataLoader(
        dataset, batch_size=8, sampler=torch.utils.data.RandomSampler(dataset))
    data_loader_test = torch.utils.data.DataLoader(
        dataset_test, batch_size=8, sampler=torch.utils.data.SequentialSampler(dataset_test))

    print("Creating model")
    model = torchvision.models.mobilenet_v3_small(num_classes=5)
    model.to(device)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    norm = [p for n, p in model.named_parameters() if p.ndim < 2]
    other = [p for n, p in model.named_parameters() if p.ndim >= 2]
    parameters = [{"params": other, "weight_decay": 1e-4}, {"params": norm, "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(parameters, lr=0.05, momentum=0.9, nesterov=True)
    warmup = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=0.1, total_iters=1)
    main_scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=2)
    lr_scheduler = torch.optim.lr_scheduler.SequentialLR(
        optimizer, schedulers=[warmup, main_scheduler], milestones=[1])
    model_ema = ExponentialMovingAverage(model, decay=0.9, device=device)

    print("Start training")
    save(model, 0)
    for epoch in range(3):
        train_one_epoch(model, criterion, optimizer, data_loader, device, epoch, model_ema)
        lr_scheduler.step()
        evaluate(model, criterion, data_loader_test, device=device)
        evaluate(model_ema, criterion, data_loader_test, device=device, log_suffix="EMA")
        checkpoint = {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "lr_scheduler": lr_scheduler.state_dict(),
            "epoch": epoch,
            "model_ema": model_ema.state_dict(),
        }
        torch.save(checkpoint, "checkpoint.pth")
        save(model, epoch + 1)


def save(model, epoch):
    if "PERMA_TRUTH" in os.environ:
        torch.save(model.state_dict(), f"{os.environ['PERMA_TRUTH']}/MobileNetV3.{epoch}.pt")


if __name__ == "__main__":
    main()
