^XA
^CI28^JZY^PW675^LL375^LH0,0
^FO30,30^A0N,37,37^FH^FDStoneware mug, blue^FS
^FO30,91^A0N,34,34^FH^FDMUG-BL^FS
^FO147,141^GFA,7584,7584,48,F0F0HFI0F0FH0IF0HFH0HFH0HFH0F0FH0IFH0HFH0F0F0F0FH0IF0FJ0F0IFH0F0IFH0F0IFH0F0FJ0F0F0F0:::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::^FS
^FO30,317^A0N,37,37^FB616,1,0,C^FH^FD9 501101 530003^FS
^PQ1
^XZ
