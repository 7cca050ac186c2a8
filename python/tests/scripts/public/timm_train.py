"""The loop of timm's train.py: its factory functions, channels_last, EMA, scheduler by epoch."""
import logging
import os
from collections import OrderedDict

import timm
import torch
import torch.nn as nn
from timm import utils
from timm.data import Mixup
from timm.loss import SoftTargetCrossEntropy
from timm.optim import create_optimizer_v2
from timm.scheduler import create_scheduler_v2
from torch.utils.data import DataLoader, TensorDataset

_logger = logging.getLogger('train')


def main():
    utils.random_seed(42, 0)
    model = timm.create_model('test_resnet', pretrained=False, num_classes=4)
    model = model.to(memory_format=torch.channels_last)
    optimizer = create_optimizer_v2(
        model, opt='lamb', lr=0.01, weight_decay=0.02, filter_bias_and_bn=True)
    model_ema = utils.ModelEmaV2(model, decay=0.9)

    x = torch.randn(64, 3, 32, 32)
    y = torch.randint(0, 4, (64,))
    loader_train = DataLoader(TensorDataset(x[:48], y[:48]), 16, shuffle=True, drop_last=True)
    loader_eval = DataLoader(TensorDataset(x[48:], y[48:]), 16)
    mixup_fn = Mixup(mixup_alpha=0.2, num_classes=4)
    train_loss_fn = SoftTargetCrossEntropy()
    validate_loss_fn = nn.CrossEntropyLoss()
    lr_scheduler, num_epochs = create_scheduler_v2(
        optimizer, sched='cosine', num_epochs=3, warmup_epochs=1, warmup_lr=1e-5,
        updates_per_epoch=len(loader_train))

    save(model, 0)
    for epoch in range(0, num_epochs):
        train_metrics = train_one_epoch(
            epoch, model, loader_train, optimizer, train_loss_fn, lr_scheduler, model_ema, mixup_fn)
        eval_metrics = validate(model, loader_eval, validate_loss_fn)
        ema_eval_metrics = validate(model_ema.module, loader_eval, validate_loss_fn)
        lr_scheduler.step(epoch + 1, ema_eval_metrics['top1'])
        print(epoch, dict(train_metrics), dict(eval_metrics), dict(ema_eval_metrics))
        save(model, epoch + 1)


def train_one_epoch(
        epoch, model, loader, optimizer, loss_fn, lr_scheduler=None, model_ema=None, mixup_fn=None):
    second_order = hasattr(optimizer, 'is_second_order') and optimizer.is_second_order
    losses_m = utils.AverageMeter()
    model.train()
    num_batches_per_epoch = len(loader)
    num_updates = epoch * num_batches_per_epoch
    for batch_idx, (input, target) in enumerate(loader):
        input, target = mixup_fn(input, target)
        input = input.contiguous(memory_format=torch.channels_last)
        output = model(input)
        loss = loss_fn(output, target)
        losses_m.update(loss.item(), input.size(0))
        optimizer.zero_grad()
        loss.backward(create_graph=second_order)
        utils.dispatch_clip_grad(model.parameters(), value=1.0, mode='norm')
        optimizer.step()
        if model_ema is not None:
            model_ema.update(model)
        num_updates += 1
        if lr_scheduler is not None:
            lr_scheduler.step_update(num_updates=num_updates, metric=losses_m.avg)
    if hasattr(optimizer, 'sync_lookahead'):
        optimizer.sync_lookahead()
    return OrderedDict([('loss', losses_m.avg)])


def validate(model, loader, loss_fn):
    losses_m = utils.AverageMeter()
    top1_m = utils.AverageMeter()
    model.eval()
    with torch.no_grad():
        for input, target in loader:
            output = model(input.contiguous(memory_format=torch.channels_last))
            acc1 = utils.accuracy(output, target, topk=(1,))[0]
            losses_m.update(loss_fn(output, target).item(), input.size(0))
            top1_m.update(acc1.item(), output.size(0))
    return OrderedDict([('loss', losses_m.avg), ('top1', top1_m.avg)])


def save(model, epoch):
    if "PERMA_TRUTH" in os.environ:
        torch.save(model.state_dict(), f"{os.environ['PERMA_TRUTH']}/ResNet.{epoch}.pt")


if __name__ == '__main__':
    main()
