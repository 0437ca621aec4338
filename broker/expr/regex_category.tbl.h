// SPDX-License-Identifier: Apache-2.0
// General categories of Unicode 14.0.0: from U+0000 on, the letter of each run's category and its length, where that is not one.
// Made by tests/support/regex_category.py, which knows the letters. Included once: no guard.
#define REGEX_CATEGORIES \
	{'A', "Lu"}, \
	{'a', "Ll"}, \
	{'t', "Lt"}, \
	{'m', "Lm"}, \
	{'o', "Lo"}, \
	{'n', "Mn"}, \
	{'c', "Mc"}, \
	{'e', "Me"}, \
	{'d', "Nd"}, \
	{'l', "Nl"}, \
	{'f', "No"}, \
	{'_', "Pc"}, \
	{'-', "Pd"}, \
	{'(', "Ps"}, \
	{')', "Pe"}, \
	{'<', "Pi"}, \
	{'>', "Pf"}, \
	{'!', "Po"}, \
	{'+', "Sm"}, \
	{'$', "Sc"}, \
	{'^', "Sk"}, \
	{'*', "So"}, \
	{'s', "Zs"}, \
	{'L', "Zl"}, \
	{'P', "Zp"}, \
	{'C', "Cc"}, \
	{'F', "Cf"}, \
	{'S', "Cs"}, \
	{'p', "Co"}, \

#define REGEX_CATEGORY_RUNS \
	"C32s!3$!3()!+!-!2d10!2+3!2A26(!)^_^a26(+)+C33s!$4*!^*o<+F*^*+f2^a!2^fo>f3!A23+A7a24+a8AaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAa" \
	"AaAaAaAaAaAa2AaAaAaAaAaAaAaAa2AaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaA2aAaAa3A2aAaA2aA3a2A4aA2aA3a3A2aA2aAaAaA2aAa2AaA2aA3a" \
	"AaA2a2oAa3o4AtaAtaAtaAaAaAaAaAaAaAaAa2AaAaAaAaAaAaAaAaAa2AtaAaA3aAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAa7A2aA2" \
	"a2AaA4aAaAaAaAa69oa27m18^4m12^14m5^7m^m^17n112AaAam^Aa.2ma3!A.4^2A!A3.A.A2aA17.A9a35Aa2A3a3AaAaAaAaAaAaAaAaAaAaAaAa5Aa+AaA2a2A51" \
	"a48AaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAa*n5e2AaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaA2aAaAaAaAaAaAa2AaAaAaAaAaAaAaAaAa" \
	"AaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAa.A38.2m!6a41!-.2*2$.n45-n!n2!n2!n.8o27.4o4!2.11F6+3" \
	"!2$!2*2n11!F!3o32mo10n21d10!4o2no99!on7F*n6m2n2*n4o2d10o3*2o!14.Fono30n27.2o89n11o.14d10o33n9m2*!3m.2n$2o22n4mn9mn3mn5.2!15.o25n3" \
	".2!.o11.5o24^o6.F2.6n8o41mn24Fn32co54ncnoc3n8c4nc2on7o10n2!2d10!mo15nc2.o8.2o2.2o22.o7.o.3o4.2noc3n4.2c2.2c2no.8c.4o2.o3n2.2d10o2" \
	"$2f6*$o!n.2n2c.o6.4o2.2o22.o7.o2.o2.o2.2n.c3n2.4n2.2n3.3n.7o4.o.7d10n2o3n!.10n2c.o9.o3.o22.o7.o2.o5.2noc3n5.n2c.c2n.2o.15o2n2.2d10" \
	"!$.7on6.nc2.o8.2o2.2o22.o7.o2.o5.2nocncn4.2c2.2c2n.7n2c.4o2.o3n2.2d10*of6.10no.o6.3o3.o4.3o2.o.o2.3o2.3o3.3o12.4c2nc2.3c3.c3n.2o.6" \
	"c.14d10f3*6$*.5nc3no8.o3.o23.o16.2non3c4.n3.n4.7n2.o3.2o.2o2n2.2d10.7!f7*onc2!o8.o3.o23.o10.o5.2nocnc5.nc2.c2n2.7c2.6o2.o2n2.2d10." \
	"o2.13n2c2o9.o3.o41n2oc3n4.c3.c3no*.4o3cf7o3n2.2d10f9*o6.nc2.o18.3o24.o9.o.2o7.3n.4c3n3.n.c8.6d10.2c2!.12o48no2n7.4$o6mn8!d10!2.37" \
	"o2.o.o5.o24.o.o10no2n9o.2o5.m.n6.2d10.2o4.32o*3!15*!*3n2*6d10f10*n*n*n()()c2o8.o36.4n14cn5!n2o5n11.n36.*8n*6.*2!5*4!2.37o43c2n4cn6" \
	"cn2c2n2od10!6o6c2n2o4n3oc3o2c7o3n4o13nc2n2c6nocd10c3n*2A38.A.5A.2a43!ma3o329.o4.2o7.o.o4.2o41.o4.2o33.o4.2o7.o.o4.2o15.o57.o4.2o67" \
	".2n3!9f20.3o16*10.6A86.2a6.2-o620*!o17so26().3o75!3l3o8.7o18n3c.9o19n2c!2.9o18n2.12o13.o3.n2.12o52n2cn7c8nc2n11!3m!3$on.2d10.6f10" \
	".6!6-!4n3Fnd10.6o35mo53.7o5n2o34no.5o70.10o31.n3c4n2c3.4c2nc6n3.4*.3!2d10o30.2o5.11o44.4o26.6d10f.3*34o23n2c2n.2!2o53cncn7.ncnc2n8" \
	"c6n10.2nd10.6d10.6!7m!6.2n14en16.49n4co47ncn5cnc5nc2o8.3d10!7*10n9*9!2.n2co30cn4c2n2cn3o2d10o44ncn2c3ncn3c2.8!4o36c8n8c2n2.3!5d10" \
	".3o3d10o30m6!2a9.7A43.2A3!8.8n3!n13cn7o4no6no2cn2o.5a44m63a13ma34m37n64AaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaA" \
	"aAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAa9AaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAa" \
	"AaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAa9A8a6.2A6.2a8A8a8A8a6.2A6.2a8.A.A.A.Aa8A8a14.2a8t8a8t8a8t8a5.a2A4t^a^3" \
	"a3.a2A4t^3a4.2a2A4.^3a8A5^3.2a3.a2A4t^2.s11F5-6!2<>(<2>(<!8LPF5s!9<>!4_2!3+()!11+!_!10sF5.F10fm.2f6+3()mf10+3().m13.3$33.15n13e4n" \
	"e3n12.15*2A*4A*2aA3a2A3a*A*2+A5*6A*A*A*A4*aA4ao4a*2a2A2+5Aa4*+*2a*f16l35Aal4f*2.4+5*5+2*4+*2+*2+*7+*31+2*2+*+*31+268*8()()*20+2*7(" \
	")*81+*30+25*40+6*69.25*11.21f60*78f22*183+*9+*54+8*111+*248()()()()()()()f30*44+5()+31()()()()()+16*256+131()()()()()()()()()()()" \
	"+63()()+32()+258*48+21*2+6*39.2*32.*105A48a48AaA3a2AaAaAaA4aAa2Aa6m2A3aAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaA" \
	"aAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAa2*6AaAan3Aa.5!4f!2a38.a.5a.2o56.7m!.14no23.9o7.o7.o7.o7.o7.o7.o7.o7.n32!2<><>!3<>!<>!9-!2-!" \
	"<>!2<>()()()()!5m!10-2!4-!(!13*2!3()()()()-.34*26.*89.12*214.26*12.4s!3*mol()()()()()*2()()()()-()2*l9n4c2-m5*2l3mo!*2.o86.2n2^2m2" \
	"o-o90!m3o.5o43.o94.*2f4*10o32*36.12o16*31.f10*30f8*f15*32f10*39f15*320o6592*64o21013mo1143.3*55.9o40m6!2o268m!3o16d10o2.20AaAaAaAa" \
	"AaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaone3!n10!mAaAaAaAaAaAaAaAaAaAaAaAaAaAam2n2o70l10n2!6.8^23m9^2AaAaAaAaAaAaAa3AaAaAaAaAaAaAaAa" \
	"AaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAama8AaAaA2aAaAaAaAam^2AaAaoAaAa3AaAaAaAaAaAaAaAaAaAaA5aA5aAaAaAaAaAaAaAaA4aAa.5Aa.a.a" \
	"AaAa.24m3Aaom2ao7no3no4no23c2n2c*4n.3f6*2$*.6o52!4.8c2o50c16n2.8!2d10.6n18o6!3o!o2nd10o28n8!2o23n11c2.11!o29.3n3co47nc2n4c2n2c3!13" \
	".md10.4!2o5nmo9d10o5.o41n6c2n2c2n2.9o3no8nc.2d10.2!4o16mo6*3ocnco50non3o2n2o5n2ono.24o2m!2o11cn2c2!2om2cn.10o6.2o6.2o6.9o7.o7.a43^" \
	"m4a9m^2.4a80o35c2nc2nc2!cn.2d10.6o11172.12o23.4o49.4S2048p6400o366.2o106.38a7.12a5.5ono10+o13.o5.o.o2.o2.o108^17.16o363)(*16o64.2" \
	"o54.7*.32o12$*3n16!7()!.6n16!-2_2()()()()()()()()!2()!4_3!3.!4-()()()!3+-+3.!$!2.4o5.o135.2F.!3$!3()!+!-!2d10!2+3!2A26(!)^_^a26(+)" \
	"+()!()!2o10mo45m2o31.3o6.2o6.2o6.2o3.3$2+^*$2.*+4*2.10F3*2.2o12.o26.o19.o2.o15.2o14.34o123.5!3.4f45.3*9l53f4*17f2*3.*13.3*.47*45n" \
	".130o29.3o49.15nf27.4o32f4.9o20lo8l.5o38n5.5o30.!o36.4o8!l5.42A40a40o78.2d10.6A36.4a36.4o40.8o52.11!A11.A15.A7.A2.a11.a15.a7.a2.67" \
	"o311.9o22.10o8.24m6.m42.m9.69o6.2o.o44.o2.3o.2o23.!f8o23*2f7o31.8f9.48o19.o2.5f5o22f6.3!o26.5!.64o56.4f2o2f16.2f46on3.n2.5n4o4.o3." \
	"o29.2n3.4nf9.7!9.7o29f2!o29f3.32o8*o28n2.4f5!7.9o54.3!7o22.2f8o19.5f8o18.7!4.12f7.80o73.55A51.13a51.7f6o36n4.8d10.294f31.o42.n2-.2" \
	"o2.78o29f10o.8o22n11f4!5.22o18n4!4.38o21f7.20o23.9cnco53n15!7.4f20d10no2n2o.9n3co45c3n4c2n2!2F!4n.10F.2o25.7d10.6n3o36n5cn8.d10!4o" \
	"c2o.8o35n!2o.9n2co48c3n9c2o4!4n4!cnd10o!o!3.f20.11o18.o25c3n3c2ncn2!6n.65o7.o.o4.o15.o10!.6o47nc3n8.5d10.6n2c2.o8.2o2.2o22.o7.o2." \
	"o5.n2oc2nc4.2c2.2c3.2o.6c.5o5c2.2n7.3n5.139o53c3n8c2n3cno4!5d10!2.!no3.30o48c3n6cnc4n2cn2o2!o.8d10.166o47c3n4.2c4n2cn2!23o4n2.34" \
	"o48c3n8c2ncn2!3o.11d10.6!13.19o43ncnc2n6cno!.6d10.54o27.2n3c2n4cn5.4d10f2!3*o7.185o44c3n9cn2!.100A32a32d10f9.12o8.2o.2o8.o2.o24c6." \
	"c2.2n2cnococn!3.9d10.70o8.2o39c3n4.2n2c4no!oc.27on10o40n6con4!8n.8on6c2n3o46n13cn2!3o!5.13o73.263o9.o37cn7.n6cno!5.10d10f19.3!2o30" \
	".2n22.cn7cn2cn2.73o7.o2.o38n6.3n.n2.n7on.8d10.6o6.o2.o32c5.n2.c2ncno.7d10.310o19n2c2!2.183o.15f21*8$4*17.13!o922.102l111.!5.11o196" \
	".2636o97!2.13o1071.F9.4039o583.8633o569.7o31.d10.4!2o79.d10.6o30.2n5!.10o48n7!5*4m4!*.10d10.f7.o21.5o19.688A32a32f23!4.101o75.4no" \
	"c55.7n4m13.64m2!mn.11c2.14o6136.8o1238.42o9.8935m4.m7.m2.o291.45o3.17o4.8o396.2308o107.5o13.3o9.7o10.2*n2!F4.4700n46.2n23.9*116.60" \
	"*246.10*39.2*60c2n3*3c6F8n8*2n7*30n4*61.21*66n3*.154f20.12*87.9f25.135A26a26A26a7.a18A26a26A.A2.2A.2A2.2A4.A8a4.a.a7.a11A26a26A2." \
	"A4.2A8.A7.a26A2.A4.A5.A.3A7.a26A26a26A26a26A26a26A26a26A26a26A26a28.2A25+a25+a6A25+a25+a6A25+a25+a6A25+a25+a6A25+a25+a6Aa.2d50*512" \
	"n55*4n50*8n*14n*2!5.15n5.n15.1104a10oa20.225n7.n17.2n7.n2.n5.213o45.3n7m7.2d10.4o*.320o30n.17o44n4d10.5$.1248o7.o4.o2.o15.o197.2f9" \
	"n7.41A34a34n7m.4d10.4!2.785f59*f3$f4.76f45*f15.194o4.o27.o2.o.2o.o10.o4.o.o.6o.4o.o.o.o3.o2.o.2o.o.o.o.o.o2.o.2o4.o7.o4.o4.o.o10." \
	"o17.5o3.o5.o17.52+2.270*44.4*100.12*15.2*15.*15.*37.10f13*161.56*29.13*44.4*9.7*2.14*6.154*251^5*728.5*16.3*13.3*116.12*89.7*12.4*" \
	".15*12.4*56.8*10.6*40.8*30.2*2.78*340.12*14.2*5.3*5.3*7.9*29.3*11.5*6.10*10.6*8.8*7.9*147.*55.37d10.1030o42720.32o4153.7o222.2" \
	"o5762.14o7473.3103o542.1506o4939.715958F.30F96.128n240.65040p65534.2p65534.2"
