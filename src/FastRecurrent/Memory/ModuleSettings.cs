// Stack blocks are always written before they are read; zeroing them would cost more than some dense layers.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
