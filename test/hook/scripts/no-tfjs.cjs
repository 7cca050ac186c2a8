// Has nothing to do with TensorFlow.js.
console.log([3, 1, 2].toSorted().join());
