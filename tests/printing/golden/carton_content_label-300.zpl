^XA
^CI28^JZY^PW1200^LL1800^LH0,0
^FO59,72^A0N,110,110^FH^FDOrder 100482^FS
^FO763,88^A0N,67,67^FB378,1,0,R^FH^FDCarton 1 of 2^FS
^FO59,195^GB1082,8,8^FS
^FO59,242^A0N,69,69^FH^FD4 x MUG-BL  Stoneware mug, blue^FS
^FO59,331^A0N,69,69^FH^FD1 x BLK-140-GR  Blanket, grey^FS
^FO59,421^A0N,69,69^FH^FD2 x CND-CED  Candle, cedar wood^FS
^FO59,1292^A0N,53,53^FH^FD7 units   4.31 kg^FS
^FO264,1370^GFA,21840,21840,84,IF03FI0FCK03FJ03FJ03HFC0FCH03HFC0JFCH03FI0JFC0IFI0FC0JFC0LF03HFC0IFI0IFI0FCH03FJ03HFCH03FI0JFCH03HFC0IF03HFCJ0IF03HFCJ0JFC0FC0IF:::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::^FS
^FO59,1647^A0N,56,56^FB1082,1,0,C^FH^FDC-0000417^FS
^FO59,1715^A0N,34,34^FH^FDDockside Leeds   24 Nov 2026, 14:41^FS
^PQ1
^XZ
